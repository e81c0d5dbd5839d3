<?php
// A text as a PNG by PHP's GD: image.php?width=300&height=64&size=32&text=...
$size = (int)$_GET['size'];
$image = imagecreatetruecolor((int)$_GET['width'], (int)$_GET['height']);
$white = imagecolorallocate($image, 255, 255, 255);
$ink = imagecolorallocate($image, 0x1f, 0x29, 0x33);
$font = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';

imagefill($image, 0, 0, $white);
// GD counts in points of 96 to the inch.
imagettftext($image, $size * 0.75, 0, intdiv($size, 2),
             intdiv($size, 2) + $size, $ink, $font, $_GET['text']);
header('Content-Type: image/png');
imagepng($image, null, 6);
