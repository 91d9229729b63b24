// Draws the points of a map, and shows the image of the one that is pointed at. Names and paths are
// only ever set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const count = data.path.length;
  const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7a7a7a'];
  const reach = 14;  // pixels between pointer and point, at most
  const canvas = document.querySelector('#scatter canvas');
  const context = canvas.getContext('2d');
  const view = document.getElementById('view');
  const point = document.getElementById('point');
  const legend = document.getElementById('legend');
  const hidden = new Set();  // kinds that the legend has switched off
  let chosen = -1;
  let places = [];  // of each row, in pixels
  let order = [];   // rows from left to right, for the arrow keys

  const labelName = (row) => (data.label[row] < 0 ? 'no label' : data.classes[data.label[row]]);
  const kinds = {
    label: {name: 'label', of: (row) => (data.label[row] < 0 ? data.classes.length : data.label[row]),
            names: [...data.classes, ...(data.label.includes(-1) ? ['no label'] : [])]},
    cluster: {name: 'cluster', of: (row) => data.cluster[row],
              names: Array.from({length: data.clusters}, (_, c) => `cluster ${c}`)},
  };
  const kind = () => kinds[view.kind.value];

  function element(tag, text) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Shape and colour together tell 28 kinds apart.
  function drawMark(on, x, y, radius, which) {
    on.fillStyle = colors[which % colors.length];
    on.beginPath();
    if (which % 4 === 0) on.arc(x, y, radius, 0, 2 * Math.PI);
    else if (which % 4 === 1) on.rect(x - radius * .85, y - radius * .85, radius * 1.7, radius * 1.7);
    else for (let corner = 0; corner < (which % 4) + 1; ++corner)
      on.lineTo(x + 1.25 * radius * Math.sin(corner * 2 * Math.PI / ((which % 4) + 1)),
                y - 1.25 * radius * Math.cos(corner * 2 * Math.PI / ((which % 4) + 1)));
    on.fill();
  }

  const isShown = (row) => !hidden.has(kind().of(row));

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const side = canvas.clientWidth;
    canvas.width = canvas.height = side * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const {x, y} = data.maps[view.map.value];
    const edges = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
    const span = Math.max(edges[1] - edges[0], edges[3] - edges[2]) || 1;
    const scale = (side - 24) / span;
    places = x.map((value, row) => [side / 2 + scale * (value - (edges[0] + edges[1]) / 2),
                                    side / 2 - scale * (y[row] - (edges[2] + edges[3]) / 2)]);
    order = [...places.keys()].sort((a, b) => places[a][0] - places[b][0]);
    const radius = count > 4000 ? 2 : count > 600 ? 3 : 4;
    for (let row = 0; row < count; ++row)
      if (isShown(row)) drawMark(context, ...places[row], radius, kind().of(row));
    if (chosen < 0 || !isShown(chosen)) return;
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(...places[chosen], radius + 4, 0, 2 * Math.PI);
    context.stroke();
  }

  function choose(row) {
    if (row === chosen) return;
    chosen = row;
    const picture = element(data.thumbnail[row] ? 'img' : 'span');
    if (data.thumbnail[row]) {
      picture.src = 'data:image/jpeg;base64,' + data.thumbnail[row];
      picture.alt = '';
    } else {
      picture.className = 'nothing';
      picture.textContent = 'no image';
    }
    const path = element('p', data.path[row]);
    path.className = 'path';
    const said = element('p', `${labelName(row)}, cluster ${data.cluster[row]}`);
    point.replaceChildren(picture, said, path);
    draw();
  }

  canvas.addEventListener('pointermove', (event) => {
    let best = -1;
    let nearest = reach * reach;
    places.forEach(([x, y], row) => {
      const distance = (x - event.offsetX) ** 2 + (y - event.offsetY) ** 2;
      if (distance < nearest && isShown(row)) [best, nearest] = [row, distance];
    });
    if (best >= 0) choose(best);
  });

  canvas.addEventListener('keydown', (event) => {
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    const shown = order.filter(isShown);
    if (shown.length > 0) choose(shown[(shown.indexOf(chosen) + step + shown.length) % shown.length]);
  });

  function showLegend() {
    hidden.clear();
    legend.replaceChildren(...kind().names.map((name, which) => {
      const button = element('button');
      button.type = 'button';
      button.setAttribute('aria-pressed', 'true');
      const mark = element('canvas');
      mark.width = mark.height = 32;
      drawMark(mark.getContext('2d'), 16, 16, 9, which);
      button.append(mark, name);
      button.addEventListener('click', () => {
        if (!hidden.delete(which)) hidden.add(which);
        button.setAttribute('aria-pressed', String(!hidden.has(which)));
        draw();
      });
      const item = element('li');
      item.append(button);
      return item;
    }));
  }

  data.maps.forEach((map, index) => view.map.append(new Option(map.name, index)));
  for (const [key, {name}] of Object.entries(kinds))
    if (key === 'cluster' || data.classes.length > 0) view.kind.append(new Option(name, key));
  view.addEventListener('input', (event) => {
    if (event.target === view.kind) showLegend();
    draw();
  });
  view.addEventListener('submit', (event) => event.preventDefault());
  window.addEventListener('resize', draw);
  document.getElementById('scatter').hidden = false;
  showLegend();
  draw();
})();
