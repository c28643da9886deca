-- A sync that was interrupted and has not ended since.
UPDATE configuration_status SET interrupted = TRUE, ended_epoch = 1;
