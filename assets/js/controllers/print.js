import { Controller } from "@hotwired/stimulus";

/** Prints the page: `print#print`. The style sheet leaves only the receipt on paper. */
export default class Print extends Controller {
  print() {
    window.print();
  }
}
