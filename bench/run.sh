# Runs a comparison with as many open files as the system lets anybody have: each connection is one.
ulimit -n "$(ulimit -Hn)"
name=$1
shift
exec node "$(dirname "$0")/$name.js" "$@"
