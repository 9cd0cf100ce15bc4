graphcli events ls logs --run whol
