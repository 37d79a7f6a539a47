// Shows the calls with every word that is typed.
const box = document.getElementById("find");
const calls = [...document.querySelectorAll("article.call")].map((article) => ({
  parts: [article, document.querySelector(`nav a[href="#${article.firstElementChild.id}"]`).parentNode],
  text: [...article.querySelectorAll("h3, .verb, .code-text")].map((part) => part.textContent).join(" ").toLowerCase(),
}));
const filter = () => {
  const words = box.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const { parts, text } of calls) {
    const fits = words.every((word) => text.includes(word));
    for (const part of parts) part.hidden = !fits;
    count += fits;
  }
  for (const group of document.querySelectorAll("[data-calls]"))
    group.hidden = !group.querySelector(":is(li, article):not([hidden])");
  document.getElementById("found").textContent = `${count} of ${calls.length} calls`;
};
box.oninput = filter;
box.onkeydown = ({ key }) => {
  if (key === "Enter") document.querySelector("nav li:not([hidden]) a")?.click();
  if (key !== "Escape") return;
  box.value = "";
  filter();
};
// A link may lead to a hidden call, also without a new hash.
onhashchange = onclick = ({ target }) => {
  const link = target.closest ? target.closest("a") : location;
  const call = document.getElementById(link?.hash.slice(1));
  if (!call?.closest("[hidden]")) return;
  box.value = "";
  filter();
  call.scrollIntoView();
};
box.closest("[hidden]").hidden = false;
filter();
