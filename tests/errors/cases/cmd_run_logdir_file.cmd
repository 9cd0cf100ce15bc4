graphcli run ../../../specs/line.yaml --fetch w --logdir labels/three.txt
