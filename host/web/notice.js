// The notices work without this: it only offers to print.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
