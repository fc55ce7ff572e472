//! What is shipped for Prometheus and Grafana.

mod files;
