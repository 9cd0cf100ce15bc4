graphcli export ../../../specs/line.yaml -o x.pb --logdir x
