"""Small complete projects in many languages and frameworks: found, built, started, tried and measured."""
