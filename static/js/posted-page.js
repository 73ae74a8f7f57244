/**
 * On a page that answers a form (refused, to be mended): once the form is sent again, going back asks for the page anew
 * instead of offering to send the refused form once more. Until then reloading keeps what was typed, as browsers do.
 */
document.addEventListener("submit", () => history.replaceState(history.state, "", location.href));
