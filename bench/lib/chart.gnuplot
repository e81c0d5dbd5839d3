# data: row, ratio, low, high (in parts of the bound), missed, name; out; rows.
set terminal svg noenhanced size 1000, 70 + 22 * rows font "sans-serif,12" \
    background rgb "white"
set output out
set title "What was measured, in parts of its bound (left of 1 is kept)"
set logscale x
set xrange [0.05:10]
set yrange [0.3:rows + 0.7]
set xtics (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
set grid xtics linecolor rgb "#dde2e8"
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 \
    linecolor rgb "#1c2733"
set style fill solid 0.9 noborder
unset key
plot data using (0.05):1:(0.05):2:($1 - 0.32):($1 + 0.32): \
        ($5 == 1 ? 0xd55e00 : 0x0072b2):ytic(6) \
        with boxxyerror linecolor rgb variable, \
    data using 2:1:3:4 with xerrorbars pointtype 0 linecolor rgb "#1c2733"
