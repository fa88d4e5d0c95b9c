// The switch 繁 / 简 / EN: a cookie that the controller reads, and the page anew.

document.addEventListener("click", (event) => {
  const language = event.target.closest("[data-language]")?.dataset.language;
  if (!language) return;
  document.cookie = `lobby_language=${language}; path=/; max-age=31536000; samesite=strict`;
  location.reload();
});
