import "./recipeForm.css";
import "../cspNonce.js";
import "../l10n.js";
import { startRecipeForm } from "../form/page.js";
import { hostLine } from "../hostLine.js";

startRecipeForm(document.body, hostLine());
