graphcli check spec_assert.yaml
