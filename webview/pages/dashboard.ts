import "./dashboard.css";
import "../cspNonce.js";
import "../l10n.js";
import { startDashboard } from "../dashboard.js";
import { Transport } from "../transport.js";

startDashboard(document.body, new Transport());
