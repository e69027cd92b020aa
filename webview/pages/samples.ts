import "./samples.css";
import "../cspNonce.js";
import "../l10n.js";
import { hostLine } from "../hostLine.js";
import { startInspector } from "../samples/page.js";

startInspector(document.body, hostLine());
