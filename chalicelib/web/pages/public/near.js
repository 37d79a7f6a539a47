// Sorts the list by how far each session is from the reader. Where that is stays in the browser: this page may ask
// nobody, and the browser sees to it.
const button = document.getElementById("near-me");
const lists = [...document.querySelectorAll(".cards")];
const say = (words) => {
  document.getElementById("near-me-says").textContent = words;
};
const radians = (degrees) => (degrees * Math.PI) / 180;
const kilometres = (north, east, otherNorth, otherEast) => {
  const half = (one, other) => Math.sin(radians(other - one) / 2) ** 2;
  const cosines = Math.cos(radians(north)) * Math.cos(radians(otherNorth));
  return 12742 * Math.asin(Math.min(1, Math.sqrt(half(north, otherNorth) + cosines * half(east, otherEast))));
};
const inWords = (distance, unit) => {
  const whole = Math.round(unit === "mile" ? distance / 1.609344 : distance);
  if (whole < 1) return `less than 1 ${unit}`;
  return `${whole.toLocaleString("en-GB")} ${unit}${unit === "mile" && whole > 1 ? "s" : ""}`;
};
const sort = ({ coords }) => {
  const far = new Map();
  for (const card of document.querySelectorAll(".card")) {
    const [north, east, unit] = (card.dataset.at ?? "").split(" ");
    far.set(card, unit ? kilometres(coords.latitude, coords.longitude, Number(north), Number(east)) : Infinity);
    card.querySelector(".far")?.remove();
    if (!unit) continue;
    const line = document.createElement("p");
    line.className = "far";
    line.textContent = `${inWords(far.get(card), unit)} from you`;
    card.querySelector(".row").after(line);
  }
  // Countries become one list. Those with room stay in front of the others.
  const byCountry = document.querySelector("h3[id^=in-]");
  for (const list of byCountry ? lists.slice(1) : []) lists[0].append(...list.children);
  for (const heading of document.querySelectorAll("h3[id^=in-]")) heading.hidden = true;
  for (const list of lists) list.append(...[...list.children].sort((one, other) => far.get(one) - far.get(other)));
  document.getElementById("answer")?.remove();
  say("Sorted by distance from you.");
};
button.hidden = !("geolocation" in navigator);
button.addEventListener("click", () => {
  say("Looking for where you are.");
  navigator.geolocation.getCurrentPosition(sort, () => say("Your browser did not tell us where you are."), {
    maximumAge: 600000,
    timeout: 20000,
  });
});
