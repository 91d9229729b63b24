'use strict';
// Fills the list of all images, and shows the images behind a cell and one image in full. Names and
// paths are only ever set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const rowsPerPage = 50;
  const cardsInCell = 60;
  const outcomes = ['right', 'wrong', 'called unknown', 'no label', 'unreadable'];

  const nameOf = (index) => (index < 0 ? '' : data.names[index]);
  const fileOf = (row) => data.path[row].split('/').pop();
  const percent = (share) => (share === null ? '' : (100 * share).toFixed(1) + '\u00a0%');

  function outcomeOf(row) {
    if (data.error[row] !== undefined) return 4;
    if (data.predicted[row] === data.unknown) return 2;
    if (data.truth[row] < 0) return 3;
    return data.truth[row] === data.predicted[row] ? 0 : 1;
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Pictures that stand in the page are not there a second time.
  function pictureOf(row, kind) {
    const made = element('img');
    made.alt = '';
    const bytes = data[kind][row];
    if (bytes !== undefined) {
      made.src = 'data:image/jpeg;base64,' + bytes;
    } else {
      const shown = kind === 'thumbnail' && document.querySelector(`img[data-row="${row}"]`);
      if (!shown) return null;
      made.src = shown.src;
    }
    return made;
  }

  function explanationOf(row) {
    const shown = document.querySelector(`.card[data-row="${row}"] .explanation`);
    return shown ? shown.cloneNode() : null;
  }

  function cardOf(row) {
    const card = element('button', 'card');
    card.type = 'button';
    card.dataset.row = row;
    const pictures = element('span', 'pictures');
    pictures.append(pictureOf(row, 'thumbnail') || element('span', 'nothing', 'no image'));
    const names = element('span', 'names', nameOf(data.truth[row]));
    if (outcomeOf(row) === 1) names.append(' → ', element('b', '', nameOf(data.predicted[row])));
    card.append(pictures, names, element('span', 'value', percent(data.confidence[row])),
                element('span', 'path', fileOf(row)));
    return card;
  }

  // One image in full.
  const zoom = document.getElementById('zoom');
  function showImage(row) {
    const title = element('h2', '', data.path[row]);
    title.id = 'zoom-title';
    const views = element('div', 'views');
    for (const picture of [pictureOf(row, 'thumbnail'), explanationOf(row)])
      if (picture) views.append(picture);
    const truth = nameOf(data.truth[row]);
    const outcome = outcomeOf(row);
    const said = outcome === 4 ? data.error[row]
      : (truth ? `true: ${truth}, ` : '') + `predicted: ${nameOf(data.predicted[row])}`
        + ` (${outcomes[outcome]})` + (data.seen ? `, ${data.seenNames[data.seen[row]]} by the model` : '');
    const bars = element('div', 'bars');
    for (const [k, p] of data.top[row] || []) {
      const bar = element('div', 'bar');
      const fill = element('i');
      fill.style.width = 100 * p + '%';
      bar.append(fill);
      bars.append(element('span', '', data.names[k]), bar, element('span', '', percent(p)));
    }
    zoom.querySelector('div').replaceChildren(title, views, element('p', '', said), bars);
    zoom.showModal();
  }
  document.addEventListener('click', (event) => {
    const card = event.target.closest('[data-row]');
    if (card) showImage(Number(card.dataset.row));
    else if (event.target === zoom) zoom.close();
  });

  // The list of all images: filtered, sorted, a page at a time.
  const filters = document.getElementById('filters');
  const list = {rows: [], column: 'row', descending: false, page: 0};
  const count = data.path.length;
  const collator = new Intl.Collator('en', {numeric: true});
  const values = {
    path: (row) => data.path[row],
    truth: (row) => nameOf(data.truth[row]),
    predicted: (row) => nameOf(data.predicted[row]),
    confidence: (row) => data.confidence[row] ?? -1,
    outcome: (row) => outcomes[outcomeOf(row)],
  };

  function fillSelect(select, options) {
    select.append(new Option('all', ''));
    for (const [text, value] of options) select.append(new Option(text, value));
  }

  function sortRows() {
    if (list.column === 'row') return;
    const keys = new Map(list.rows.map((row) => [row, values[list.column](row)]));
    const sign = list.descending ? -1 : 1;
    const compare = list.column === 'confidence' ? (a, b) => a - b : collator.compare;
    list.rows.sort((a, b) => sign * compare(keys.get(a), keys.get(b)) || a - b);
  }

  function filterRows() {
    const text = filters.path.value.toLowerCase();
    const [truth, predicted, outcome] = [filters.truth, filters.predicted, filters.outcome]
      .map((select) => (select.value === '' ? null : Number(select.value)));
    list.rows = [];
    for (let row = 0; row < count; ++row) {
      if (truth !== null && data.truth[row] !== truth) continue;
      if (predicted !== null && data.predicted[row] !== predicted) continue;
      if (outcome !== null && outcomeOf(row) !== outcome) continue;
      if (text && !data.path[row].toLowerCase().includes(text)) continue;
      list.rows.push(row);
    }
    list.page = 0;
    sortRows();
    showRows();
  }

  function tableRow(row) {
    const made = element('tr');
    const picture = element('td', 'picture');
    const image = pictureOf(row, 'thumbnail');
    if (image) {
      const button = element('button');
      button.type = 'button';
      button.dataset.row = row;
      button.setAttribute('aria-label', 'Show ' + fileOf(row));
      button.append(image);
      picture.append(button);
    }
    const outcome = outcomeOf(row);
    made.append(picture, element('td', 'path', data.path[row]),
                element('td', '', nameOf(data.truth[row])),
                element('td', '', nameOf(data.predicted[row])),
                element('td', 'number', percent(data.confidence[row])),
                element('td', outcome === 1 || outcome === 4 ? 'miss' : '', outcomes[outcome]));
    return made;
  }

  function showRows() {
    const pages = Math.max(1, Math.ceil(list.rows.length / rowsPerPage));
    const first = list.page * rowsPerPage;
    document.querySelector('#all tbody')
      .replaceChildren(...list.rows.slice(first, first + rowsPerPage).map(tableRow));
    document.getElementById('count').textContent =
      list.rows.length === count ? `${count} images` : `${list.rows.length} of ${count} images`;
    document.getElementById('page').textContent = `page ${list.page + 1} of ${pages}`;
    document.getElementById('previous').disabled = list.page === 0;
    document.getElementById('next').disabled = list.page + 1 >= pages;
  }

  function startList() {
    const used = (column) => [...new Set(column)].filter((index) => index >= 0)
      .sort((a, b) => a - b).map((index) => [nameOf(index), index]);
    fillSelect(filters.truth, used(data.truth));
    fillSelect(filters.predicted, used(data.predicted));
    fillSelect(filters.outcome, outcomes.map((name, index) => [name, index]));
    filters.addEventListener('input', filterRows);
    filters.addEventListener('reset', () => setTimeout(filterRows));
    filters.addEventListener('submit', (event) => event.preventDefault());
    for (const head of document.querySelectorAll('#all th[data-column]'))
      head.firstElementChild.addEventListener('click', () => {
        list.descending = list.column === head.dataset.column && !list.descending;
        list.column = head.dataset.column;
        for (const other of document.querySelectorAll('#all th[data-column]'))
          other.setAttribute('aria-sort', other !== head ? 'none' : list.descending ? 'descending' : 'ascending');
        list.page = 0;
        sortRows();
        showRows();
      });
    const turn = (pages) => () => {
      list.page += pages;
      showRows();
    };
    document.getElementById('previous').addEventListener('click', turn(-1));
    document.getElementById('next').addEventListener('click', turn(1));
    document.getElementById('list').hidden = false;
    filterRows();
  }

  // The images behind a cell of the confusion matrix, for addresses like #cell-0-1.
  function showCell() {
    const found = /^#cell-(\d+)-(\d+)$/.exec(location.hash);
    if (!found) return;
    const [truth, predicted] = [Number(found[1]), Number(found[2])];
    const rows = [];
    for (let row = 0; row < count; ++row)
      if (outcomeOf(row) < 2 && data.truth[row] === truth && data.predicted[row] === predicted) rows.push(row);
    rows.sort((a, b) => data.confidence[b] - data.confidence[a] || a - b);
    const cards = element('div', 'cards small');
    cards.append(...rows.slice(0, cardsInCell).map(cardOf));
    const panel = document.getElementById('cell');
    const named = truth === predicted ? 'rightly predicted' : `predicted as ${nameOf(predicted)}`;
    panel.replaceChildren(element('h3', '', `${nameOf(truth)}, ${named}: ${rows.length} images`), cards);
    if (rows.length > cardsInCell) {
      const all = element('button', '', `Show all ${rows.length} in the list`);
      all.type = 'button';
      all.addEventListener('click', () => {
        filters.reset();
        filters.truth.value = truth;
        filters.predicted.value = predicted;
        filterRows();
        document.getElementById('images').scrollIntoView();
      });
      const more = element('p', '', `The ${cardsInCell} most confident ones. `);
      more.append(all);
      panel.append(more);
    }
    panel.hidden = false;
    for (const link of document.querySelectorAll('.matrix a'))
      if (link.hash === location.hash) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    panel.scrollIntoView({block: 'nearest'});
  }

  startList();
  window.addEventListener('hashchange', showCell);
  showCell();
})();
