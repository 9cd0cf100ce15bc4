graphcli events embed logs/whole v='[[1, 2], [3, 4]]' --labels v=labels/three.txt
