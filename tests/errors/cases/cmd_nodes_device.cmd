graphcli nodes good.yaml --device gpu:0:1:2
