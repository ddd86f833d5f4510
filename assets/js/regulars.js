/** The one script of our pages: it starts Stimulus and names each controller. Pages work without it where they can. */
import { Application } from "@hotwired/stimulus";
import ConfirmDialog from "./controllers/confirm-dialog.js";
import Copy from "./controllers/copy.js";
import Countdown from "./controllers/countdown.js";
import Dialog from "./controllers/dialog.js";
import FullscreenCard from "./controllers/fullscreen-card.js";
import Keys from "./controllers/keys.js";
import Print from "./controllers/print.js";
import SingleField from "./controllers/single-field.js";
import SubmitOnce from "./controllers/submit-once.js";
import Theme from "./controllers/theme.js";

const application = Application.start();
application.register("confirm-dialog", ConfirmDialog);
application.register("copy", Copy);
application.register("countdown", Countdown);
application.register("dialog", Dialog);
application.register("fullscreen-card", FullscreenCard);
application.register("keys", Keys);
application.register("print", Print);
application.register("single-field", SingleField);
application.register("submit-once", SubmitOnce);
application.register("theme", Theme);
