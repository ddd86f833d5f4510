import { Controller } from "@hotwired/stimulus";

/** How often, in milliseconds, the picture is looked at. */
const LOOK_EVERY = 150;
/** The kinds of code on goods, cards and coupons; a browser that knows only some of them looks for those. */
const KINDS = ["qr_code", "ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf"];

/**
 * Reads one code with the camera: `#open` shows what the camera sees, and the first code that is seen is dispatched as `camera-scan:read` with
 * `{ text }`. What stands in the way is said in words: the `words` targets wear `data-why` (`unable`, `refused`, `absent`) and one of them is shown.
 * Holds a `dialog` target (`close->camera-scan#ended`), in it a `picture` target (a video element) that is hidden when there is none.
 */
export default class CameraScan extends Controller {
  static targets = ["dialog", "picture", "words"];

  /** @type {MediaStream | null} */
  stream = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  async open() {
    this.say("");
    this.dialog.showModal();
    try {
      const reader = await newReader();
      if (!reader) return this.say("unable");
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      if (!this.dialog.open) return stop(stream); // closed while the person was asked
      this.stream = stream;
      this.picture.srcObject = stream;
      await this.picture.play();
      this.look(reader);
    } catch (error) {
      if (this.dialog.open) this.say(error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "absent");
    }
  }

  close() {
    this.dialog.close();
  }

  /** Called by the dialog's own `close` event, so that Escape turns the camera off too. */
  ended() {
    clearTimeout(this.timer);
    stop(this.stream);
    this.stream = null;
    this.picture.srcObject = null;
  }

  /** @param {Reader} reader */
  look(reader) {
    this.timer = setTimeout(async () => {
      const found = await reader.detect(this.picture).catch(() => []); // a frame that is not there yet
      if (!this.stream) return;
      const text = found[0]?.rawValue.trim();
      if (!text) return this.look(reader);
      this.close();
      this.dispatch("read", { detail: { text } });
    }, LOOK_EVERY);
  }

  /** @param {string} why no picture is to be had; nothing where all is well */
  say(why) {
    const self = /** @type {any} */ (this);
    for (const words of self.wordsTargets) words.hidden = words.dataset.why !== why;
    this.picture.hidden = why !== "";
  }

  disconnect() {
    if (this.stream) this.ended();
  }

  /** @returns {HTMLDialogElement} */
  get dialog() {
    return /** @type {any} */ (this).dialogTarget;
  }

  /** @returns {HTMLVideoElement} */
  get picture() {
    return /** @type {any} */ (this).pictureTarget;
  }
}

/** @typedef {{ detect: (picture: HTMLVideoElement) => Promise<{ rawValue: string }[]> }} Reader */

/** @returns {Promise<Reader | null>} the browser's own reader; none where it has none, or no camera may be used on this page at all */
async function newReader() {
  const Detector = /** @type {any} */ (window).BarcodeDetector;
  if (!Detector || !navigator.mediaDevices) return null;
  const known = await Detector.getSupportedFormats();
  const formats = KINDS.filter((kind) => known.includes(kind));
  return formats.length ? new Detector({ formats }) : null;
}

/** @param {MediaStream | null} stream */
function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
