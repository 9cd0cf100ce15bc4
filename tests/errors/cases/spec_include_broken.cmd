graphcli check spec_include_broken.yaml --set hidden=4
