graphcli init --list -o line.yaml
