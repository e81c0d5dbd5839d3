(function () {
  var form = document.querySelector('form');
  var button = form.querySelector('button');
  var bar = form.querySelector('progress');
  var says = document.getElementById('says');
  var list = document.getElementById('list');
  function end(text) {
    button.disabled = false;
    bar.hidden = true;
    says.textContent = text;
  }
  function add(file) {
    var item = document.createElement('li');
    var link = document.createElement('a');
    var size = document.createElement('small');
    link.href = file.url;
    link.textContent = file.name;
    size.textContent = ' ' + file.size + ' bytes, ' + file.type;
    item.append(link, size);
    list.append(item);
    list.hidden = false;
  }
  form.addEventListener('submit', function (event) {
    var request = new XMLHttpRequest();
    event.preventDefault();
    request.open('POST', form.action);
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'json';
    request.upload.onprogress = function (now) {
      if (!now.lengthComputable) return;
      bar.max = now.total;
      bar.value = now.loaded;
      says.textContent = now.loaded < now.total
        ? Math.floor(100 * now.loaded / now.total) + ' %'
        : 'Storing';
    };
    request.onload = function () {
      var answer = request.response || {};
      if (request.status !== 201)
        return end(answer.detail || 'It failed: ' + request.status);
      answer.files.forEach(add);
      form.reset();
      end('Stored: ' + answer.files.length);
    };
    request.onerror = function () {
      end('The server hung up. Is that more than it takes?');
    };
    request.send(new FormData(form));
    button.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    says.textContent = '0 %';
  });
}());
