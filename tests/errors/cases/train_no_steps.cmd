graphcli train ../../../specs/line.yaml
