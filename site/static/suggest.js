// Suggestions below a search box while a reader types. Without this script the box is a plain form.
(() => {
  const WAIT = 150; // milliseconds of quiet before the server is asked
  document.querySelectorAll("input[data-suggest]").forEach((input) => {
    const list = document.createElement("ul");
    const lang = document.documentElement.lang;
    let timer = 0;
    let asked = "";
    list.className = "suggestions";
    list.id = `${input.id}-suggestions`;
    list.hidden = true;
    list.setAttribute("aria-label", input.dataset.label);
    input.form.append(list);
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");

    const show = (items) => {
      list.replaceChildren(...items.map(entry));
      list.hidden = items.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
    };
    const entry = (item) => {
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.href = lang === "fa" ? `${item.href}?lang=fa` : item.href;
      for (const [name, text] of [["name", item.name], ["other", item.other], ["quiet", item.kind]]) {
        if (!text) continue;
        const part = document.createElement("bdi");
        part.className = name;
        part.textContent = text;
        if (/[\u0620-\u06ff]/.test(text)) part.lang = "fa";
        link.append(part);
      }
      line.append(link);
      return line;
    };
    const ask = async () => {
      const query = input.value.trim();
      asked = query;
      if (query.length < 2) return show([]);
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(query)}&lang=${lang}`);
      const items = answer.ok ? await answer.json() : [];
      if (asked === query) show(items);
    };
    const links = () => [...list.querySelectorAll("a")];
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    input.form.addEventListener("keydown", (event) => {
      const all = [input, ...links()];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") { show([]); input.focus(); }
      if (!step || list.hidden) return;
      event.preventDefault();
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    });
    input.form.addEventListener("focusout", (event) => {
      if (!input.form.contains(event.relatedTarget)) show([]);
    });
  });
})();
