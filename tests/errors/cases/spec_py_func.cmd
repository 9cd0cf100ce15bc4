graphcli check spec_py_func.yaml
