import "./threshold.css";
import "../cspNonce.js";
import "../l10n.js";
import { hostLine } from "../hostLine.js";
import { startThresholdView } from "../threshold/page.js";

startThresholdView(document.body, hostLine());
