/**
 * Warns at a search field when its text is longer than what search reads. A maxlength attribute would cut pasted text
 * silently; this loses nothing. Without this file search reads the first part, and the results page says so.
 *
 * <input type="search" data-longest="2000" data-too-long="… {over} …">
 */
document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.dataset.longest) return;
  const over = [...target.value].length - Number(target.dataset.longest);
  target.setCustomValidity(over > 0 ? target.dataset.tooLong.replace("{over}", over) : "");
  if (over > 0) target.reportValidity();
});
