import "./evaluation.css";
import "../cspNonce.js";
import "../l10n.js";
import { startEvaluationView } from "../evaluation/page.js";
import { hostLine } from "../hostLine.js";

startEvaluationView(document.body, hostLine());
