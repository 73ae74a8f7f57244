/**
 * Says beside a field, before anything is sent, that its text or file is larger than the server takes, and keeps the form
 * from being sent until it fits. Nothing that was typed or chosen is lost. Without this file the server says it.
 *
 * <textarea data-longest="10000" data-too-long="… {over} …">
 * <input type="file" data-largest="10485760" data-too-large="…">
 */
const FIELDS = "textarea[data-longest], input[type=file][data-largest]";
const lines = new WeakMap(); // field → the element that says it

function complaint(field) {
  if (field.type === "file") {
    return [...field.files].some((file) => file.size > Number(field.dataset.largest)) ? field.dataset.tooLarge : "";
  }
  const over = [...field.value.trim()].length - Number(field.dataset.longest);
  return over > 0 ? field.dataset.tooLong.replace("{over}", over) : "";
}

function lineOf(field) {
  if (!lines.has(field)) {
    const line = document.createElement("div");
    line.className = "vb-error error-message";
    line.id = `${field.id || field.name}-length`;
    line.setAttribute("role", "alert");
    field.after(line);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
    lines.set(field, line);
  }
  return lines.get(field);
}

/** Whether the field fits; says so when it does not. */
function fits(field) {
  const text = complaint(field);
  if (!text && !lines.has(field)) return true;
  const line = lineOf(field);
  if (line.textContent !== text) line.textContent = text;
  line.hidden = !text;
  field.setAttribute("aria-invalid", Boolean(text));
  return !text;
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => { if (target.matches?.(FIELDS)) fits(target); });
}
document.addEventListener("submit", (event) => {
  const refused = [...event.target.querySelectorAll(FIELDS)].filter((field) => !fits(field));
  if (!refused.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  refused[0].focus();
}, true);
