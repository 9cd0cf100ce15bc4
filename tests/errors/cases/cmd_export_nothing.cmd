graphcli export ../../../specs/line.yaml
