graphcli check given.yaml --set n=-1 --set act=rellu --set 'names=[p, "q r"]' --set sd=1.5 --set backend=nump --set kept=6
