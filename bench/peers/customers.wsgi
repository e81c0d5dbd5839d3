# The page of bench/handlers/customers.c for mod_wsgi: loaded once, with one
# connection per process.
import os
import sqlite3
from html import escape

database = sqlite3.connect(
    os.path.join(os.path.dirname(__file__), 'data/demo.db'),
    check_same_thread=False)


def row(cells):
    texts = [escape(str(cell)) if cell is not None else ''
             for cell in cells[:7]]
    texts.append('%d.%02d' % divmod(cells[7], 100))
    return '<tr><td>%s</td></tr>\n' % '</td><td>'.join(texts)


def application(environ, start_response):
    rows = database.execute(
        'SELECT id, name, city, region, priority, email, since, revenue '
        'FROM customers ORDER BY id LIMIT 100')
    page = ''.join([
        '<!DOCTYPE html>\n<html lang="en"><head>',
        '<title>Customers</title></head>\n<body><table>\n',
        *map(row, rows),
        '</table></body></html>\n']).encode()
    start_response('200 OK', [('Content-Type', 'text/html; charset=utf-8'),
                              ('Content-Length', str(len(page)))])
    return [page]
