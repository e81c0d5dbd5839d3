# For t/choose.t.
handler choose
text file
