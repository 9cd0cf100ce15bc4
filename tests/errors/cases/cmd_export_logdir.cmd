graphcli export ../../../specs/line.yaml --logdir labels/three.txt/x
