import "./net.js";
import "./files.js";
import "./forms.js";
import "./drafts.js";
import "./dialogs.js";
import "./keys.js";
import "./password.js";
import "./board.js";
import "./facts.js";
import "./bulk.js";
import "./folds.js";
import "./ordered.js";
import "./print.js";
import { startPickers } from "./picker.js";
import { adopt } from "./toasts.js";

adopt(document.getElementById("toasts"));
startPickers(document);
document.addEventListener("htmx:load", (event) => startPickers(event.target));
