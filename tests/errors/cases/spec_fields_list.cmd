graphcli check spec_fields_list.yaml
