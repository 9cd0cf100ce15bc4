graphcli run run_eager_stops.yaml --eager --feed x='[1, 0]'
