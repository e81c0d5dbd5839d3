# A text as a PNG by Pillow: /image?width=300&height=64&size=32&text=...
from functools import lru_cache
from io import BytesIO
from urllib.parse import parse_qs

from PIL import Image, ImageDraw, ImageFont


@lru_cache
def font(size):
    return ImageFont.truetype(
        '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', size)


def application(environ, start_response):
    query = parse_qs(environ['QUERY_STRING'])
    width, height, size = (int(query[name][0])
                           for name in ('width', 'height', 'size'))
    image = Image.new('RGB', (width, height), 'white')
    ImageDraw.Draw(image).text((size // 2, size // 2), query['text'][0],
                               fill=(0x1f, 0x29, 0x33), font=font(size))
    out = BytesIO()
    image.save(out, 'PNG', compress_level=6)
    picture = out.getvalue()
    start_response('200 OK', [('Content-Type', 'image/png'),
                              ('Content-Length', str(len(picture)))])
    return [picture]
