/**
 * On the page of an outage that keeps a form (templates/503.html): once that is sent again, going back leads to the page
 * the form stood on. Without this a browser offers to send it once more, or shows nothing.
 */
const here = location.href;

document.addEventListener("submit", ({ target }) => {
  const before = document.referrer.startsWith(`${location.origin}/`) ? document.referrer : here;
  target.setAttribute("action", here); // it names none, and the page has another address from here on
  history.replaceState(history.state, "", before);
});
