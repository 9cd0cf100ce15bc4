graphcli run no_gradient.yaml --fetch g --fetch sgd --fetch nothing --fetch g[0]
