
2
xPlaceholder*
dtype0ÿ*
shape
:

yRelux*
T0