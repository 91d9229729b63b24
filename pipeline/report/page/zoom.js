'use strict';
// Shows a chosen card large, with its whole path. Texts are only ever copied as texts.
(() => {
  const zoom = document.getElementById('zoom');
  function show(card) {
    const title = document.createElement('h2');
    title.id = 'zoom-title';
    title.textContent = card.dataset.path;
    const views = document.createElement('div');
    views.className = 'views';
    views.append(...[...card.querySelectorAll('.pictures > *')].map((picture) => picture.cloneNode(true)));
    const said = document.createElement('div');
    said.className = 'said';
    said.append(...[...card.querySelectorAll('.names, .value')].map((text) => text.cloneNode(true)));
    zoom.querySelector('div').replaceChildren(title, views, said);
    zoom.showModal();
  }
  document.addEventListener('click', (event) => {
    const card = event.target.closest('button.card');
    if (card) show(card);
    else if (event.target === zoom) zoom.close();
  });
})();
