/**
 * Wagtail's editors, where somebody chooses who may read something.
 *
 * - What the choice comes to stands beside it, and changes with it: <input name="own_audience" data-readers="/cms/readers/…/">.
 * - Before something is published for more readers it is asked, in a dialog over the page that the server draws. Back
 *   leaves the editor as it was. The server refuses without the yes, and asks in the page where this script did not.
 * - Nothing is sent while an autosave is under way. If Wagtail had to come back with a refused form, it would name the
 *   revision before the autosave's, and take the autosave for somebody else's.
 * - Once an autosave was refused because somebody else saved, publishing asks at once whether to overwrite that.
 */
const EDITOR = "[data-edit-form]";
const CHOICES = ["own_audience", "audience", "topic"];
const REVIEW = ["action-workflow-action", "workflow-action-name", "workflow-action-extra-data"];
const PATIENCE = 30_000; // as long as Wagtail's buttons stay disabled

// -- Autosave: announced (it waits some seconds until somebody rests), then sent, then over

let autosave = null;
let leaving = false; // the form was sent: what is saved from here on would be lost with the page

document.addEventListener("w-autosave:save", (event) => {
  if (leaving) return event.preventDefault();
  let end;
  const over = new Promise((resolve) => { end = resolve; });
  autosave = { event, over, end, sent: false };
});

for (const end of ["success", "error"]) {
  document.addEventListener(`w-autosave:${end}`, () => {
    autosave?.end();
    autosave = null;
  });
}

// Somebody else saved in between. Wagtail asks about that only once it has looked again who else is here.
document.addEventListener("w-autosave:error", (event) => {
  if (event.detail.type !== "invalid_revision") return;
  document.querySelector("[data-controller~=w-session]")?.setAttribute("data-w-session-intercept-value", "conflict");
});

// Wagtail does not tell when it sends what it announced.
const send = window.fetch.bind(window);
window.fetch = (address, options) => {
  if (autosave && options?.body === autosave.event.detail.formData) autosave.sent = true;
  return send(address, options);
};

function leave() {
  leaving = true;
  setTimeout(() => { leaving = false; }, PATIENCE); // the network was away, and the page is still here
}

async function quiet() {
  const late = new Promise((resolve) => { setTimeout(() => resolve("late"), PATIENCE); });
  while (autosave?.sent) if ((await Promise.race([autosave.over, late])) === "late") break;
  autosave?.event.preventDefault(); // announced, not sent: the form itself is sent now
}

// -- Sending

let passing = false; // this submission was looked at
let busy = false;

const chooser = (form) => form?.querySelector("[data-readers]");

/** Send the form with what was pressed; the button itself may be disabled by now, or out of the page. */
async function pass(form, fields) {
  await new Promise((resolve) => { setTimeout(resolve); }); // a browser sends no form while it tells of its submission
  await quiet();
  for (const [name, value] of fields) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    field.dataset.readersSent = "";
    form.append(field);
  }
  passing = true;
  leave();
  form.requestSubmit();
  passing = false;
}

// Wagtail submits a review without an event.
for (const form of document.querySelectorAll(EDITOR)) form.submit = () => form.requestSubmit();

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  leaving = false;
  document.querySelectorAll("[data-readers-sent]").forEach((field) => field.remove());
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (passing || !form.matches(EDITOR)) return;
  const pressed = button?.name ? [[button.name, button.value]] : [];
  // A review's fields stay out of the form until it is sent: an autosave would take them along.
  for (const field of form.querySelectorAll("input[type=hidden]")) {
    if (!REVIEW.includes(field.name)) continue;
    pressed.push([field.name, field.value]);
    field.remove();
  }
  const names = pressed.map(([name]) => name);
  const saves = !form.dataset.controller.includes("w-autosave"); // a file's: it has no drafts
  const asks = chooser(form) && !button?.matches("[data-readers-yes]") && (saves || names.includes("action-publish") || names.includes(REVIEW[0]));
  if (!asks && !autosave && !names.includes(REVIEW[0])) {
    leave();
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (busy) return;
  busy = true;
  try {
    const dialog = asks && (await ask(form, pressed))?.dialog;
    if (dialog) show(dialog, button);
    else await pass(form, pressed);
  } finally {
    busy = false;
  }
}, { capture: true });

// -- Asking

async function ask(form, pressed = []) {
  const whole = new FormData(form);
  const data = new FormData();
  const chosen = CHOICES.flatMap((name) => whole.getAll(name).map((value) => [name, value]));
  for (const [name, value] of [...chosen, ...pressed, ["form", form.id]]) data.append(name, value);
  data.append("csrfmiddlewaretoken", whole.get("csrfmiddlewaretoken"));
  try {
    const answer = await send(chooser(form).dataset.readers, { method: "POST", body: data });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // the server asks when the form arrives
  }
}

function show(html, button) {
  const menu = button?.closest(".w-dropdown")?.querySelector("[data-w-dropdown-target=toggle]");
  if (menu?.getAttribute("aria-expanded") === "true") menu.click(); // it would stay open, above the dialog
  const holder = document.createElement("div");
  holder.innerHTML = html;
  document.body.append(holder);
  document.addEventListener("w-dialog:ready", ({ target: dialog }) => {
    const back = dialog.querySelector("[data-readers-back]");
    const close = () => dialog.dispatchEvent(new Event("w-dialog:hide"));
    dialog.querySelector(".vb-readers p").id = "vb-readers-text";
    dialog.setAttribute("aria-describedby", "vb-readers-text");
    back.hidden = false;
    button?.setAttribute("data-w-progress-loading-value", "false"); // nothing is being published yet
    back.addEventListener("click", close);
    dialog.addEventListener("w-dialog:hidden", () => setTimeout(() => {
      dialog.remove();
      holder.remove();
      (menu ?? button)?.focus();
    }), { once: true });
    dialog.dispatchEvent(new Event("w-dialog:show"));
    back.focus();
  }, { once: true });
}

// Where the server asked: back to the form, which is as it was.
document.querySelectorAll("[data-readers-question] [data-readers-back]").forEach((back) => {
  back.hidden = false;
  back.addEventListener("click", () => back.closest("li").remove());
});

// -- Beside the choice

let timer;
function look(form) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const answer = await ask(form);
    if (answer) form.querySelector(".vb-readers-beside").textContent = answer.beside;
  }, 300);
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest(EDITOR);
  if (chooser(form) && CHOICES.includes(target.name)) look(form);
});

// A new row has an address of its own from its first autosave on.
document.addEventListener("w-autosave:success", ({ target, detail }) => {
  const field = chooser(target);
  if (!field || !detail.data.pk || /\/\d+\/$/.test(field.dataset.readers)) return;
  field.dataset.readers += `${detail.data.pk}/`;
  look(target);
});
