graphcli run values.yaml --fetch 'three,parts[0],parts[2],both,nowhere,root:3'
