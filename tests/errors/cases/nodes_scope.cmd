graphcli nodes values.yaml --scope nope
