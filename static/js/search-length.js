/**
 * Says at a search field that its text is longer than search reads, as soon as it is. A maximum length in the markup
 * would cut what somebody pastes without a word; like this nothing is lost. Without this file search reads the first
 * part and the results page says so.
 *
 * <input type="search" data-longest="2000" data-too-long="… {over} …">
 */
document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.dataset.longest) return;
  const over = [...target.value].length - Number(target.dataset.longest);
  target.setCustomValidity(over > 0 ? target.dataset.tooLong.replace("{over}", over) : "");
  if (over > 0) target.reportValidity();
});
