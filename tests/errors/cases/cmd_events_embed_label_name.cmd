graphcli events embed logs/whole v='[[1, 2]]' --labels w=labels/three.txt
