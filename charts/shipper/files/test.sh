# Pushes a line to Loki and finds it there, then writes a line to its own output and finds that in Loki too. The agent of this release on this
# node must be ready, and Loki must have acknowledged records of that agent in the meantime: an agent of another release may send the line as well.
#
# Reads, as the agent's configuration has them: URL TENANT USERNAME PASSWORD_FILE TOKEN_FILE CA_FILE CERT_FILE KEY_FILE SERVER_NAME
# IS_INSECURE CLUSTER; from the pod: NAMESPACE POD CONTAINER NODE_NAME, AGENT (address of the agent), READS_CONTAINERS, TIMEOUT in seconds.
# Headers are its arguments.
# For the sh of busybox with curl, on a file system that is read-only.
set -eu

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# "a b" for JSON and LogQL.
quote() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }

one_line() { printf %s "$1" | tr -s '\n' ' '; }

for file in "$PASSWORD_FILE" "$TOKEN_FILE" "$CA_FILE" "$CERT_FILE" "$KEY_FILE"; do
  [ -z "$file" ] || [ -r "$file" ] || fail "can't read $file; the test has the files of credentials and ca, and no others"
done

# A variable of a Secret may end with a line break, which the agent takes away.
URL=$(printf %s "$URL")
TENANT=$(printf %s "$TENANT")
CLUSTER=$(printf %s "$CLUSTER")

scheme=${URL%%://*}
rest=${URL#*://}
authority=${rest%%/*}
path=${rest#"$authority"}
[ "${path%/}" ] || path=/loki/api/v1/push

# Each header becomes an argument of curl.
count=$#
while [ "$count" -gt 0 ]; do
  set -- "$@" --header "$(printf %s "$1")"
  shift
  count=$((count - 1))
done
[ -z "$TENANT" ] || set -- "$@" --header "X-Scope-OrgID: $TENANT"
[ -z "$USERNAME" ] || set -- "$@" --user "$USERNAME:$([ -z "$PASSWORD_FILE" ] || cat "$PASSWORD_FILE")"
[ -z "$TOKEN_FILE" ] || set -- "$@" --header "Authorization: Bearer $(cat "$TOKEN_FILE")"
[ -z "$CA_FILE" ] || set -- "$@" --cacert "$CA_FILE"
[ -z "$CERT_FILE" ] || set -- "$@" --cert "$CERT_FILE"
[ -z "$KEY_FILE" ] || set -- "$@" --key "$KEY_FILE"
[ "$IS_INSECURE" != true ] || set -- "$@" --insecure
# curl leaves this one to lower case.
[ -z "${HTTP_PROXY:-}" ] || export http_proxy="$HTTP_PROXY"
if [ -n "$SERVER_NAME" ]; then
  case $authority in
    *:[0-9]*) target=$authority ;;
    *) target=$authority:$([ "$scheme" = https ] && echo 443 || echo 80) ;;
  esac
  set -- "$@" --connect-to "::$target"
  authority=$SERVER_NAME
fi
push_url=$scheme://$authority$path

# Prints the answer, and its status in a line of its own.
request() { curl --silent --show-error --max-time 10 --write-out '\n%{http_code}' "$@" || true; }

# find_line SELECTOR TEXT ARGUMENTS...: asks until the text is there.
find_line() {
  selector=$1
  text=$2
  shift 2
  deadline=$(($(date +%s) + TIMEOUT))
  until
    answer=$(request "$@" --get --data-urlencode "query=$selector" "${push_url%/push}/query_range")
    case "$answer" in *"$text"*200) true ;; *) false ;; esac
  do
    if [ "$(date +%s)" -ge "$deadline" ]; then
      case "$answer" in *200) ;; *) echo "Loki answered the query: $(one_line "$answer")" ;; esac
      return 1
    fi
    sleep 1
  done
}

id=$(date +%s)-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
labels="cluster=$(quote "$CLUSTER"), namespace=$(quote "$NAMESPACE"), pod=$(quote "$POD")"

echo "1. Push a line to $push_url"
answer=$(request "$@" --header 'Content-Type: application/json' --data "{\"streams\": [{
  \"stream\": {\"cluster\": $(quote "$CLUSTER"), \"namespace\": $(quote "$NAMESPACE"), \"pod\": $(quote "$POD"), \"job\": \"shipper-test\"},
  \"values\": [[\"$(date +%s)000000000\", \"pushed by helm test $id\"]]}]}" "$push_url")
case "$answer" in
  *20[0-9]) ;;
  *000) fail "no answer, as curl says above. Is config.loki.url right, and can Loki be reached from here?" ;;
  *40[13]) fail "Loki answered: $(one_line "$answer"). Are the credentials and the tenant in config.loki right?" ;;
  *) fail "Loki answered: $(one_line "$answer")" ;;
esac

case "$push_url" in
  */loki/api/v1/push) ;;
  *) fail "config.loki.url has a path that is not /loki/api/v1/push, so that there is no telling where to ask Loki what it has" ;;
esac

echo "2. Find it"
find_line "{$labels, job=\"shipper-test\"}" "pushed by helm test $id" "$@" ||
  fail "Loki took the line, and it can't be found. May these credentials query, and for the same tenant?"

if [ "$READS_CONTAINERS" != true ]; then
  echo "3. This pod's own output is not looked for, since config.sources.containers.enabled is false"
  exit 0
fi

# Records that Loki has acknowledged to the agent; nothing if the agent doesn't answer, or isn't ready.
count_sent() {
  case "$(request --noproxy '*' "$AGENT/readyz")" in *200) ;; *) return ;; esac
  request --noproxy '*' "$AGENT/metrics" | sed -n 's/^shipper_sent_records_total //p'
}

# wait_for_agent COUNT: until the agent is ready and has sent more records than that.
wait_for_agent() {
  deadline=$(($(date +%s) + TIMEOUT))
  until
    sent=$(count_sent)
    [ -n "$sent" ] && [ "$sent" -gt "$1" ]
  do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 1
  done
}

echo "3. Ask the agent of this release on node $NODE_NAME whether it is ready: $AGENT"
wait_for_agent -1 ||
  fail "no agent of this release is ready on node $NODE_NAME, or a network policy keeps this pod from it. See: kubectl --namespace $NAMESPACE get pods -o wide, and the agent's log"
before=$sent

echo "4. Find this line, sent by that agent: written by helm test $id"
find_line "{$labels, container=$(quote "$CONTAINER")}" "written by helm test $id" "$@" ||
  fail "the agent on node $NODE_NAME did not send this pod's output within $TIMEOUT s. What does its log say, and does config leave out the namespace $NAMESPACE?"
wait_for_agent "$before" ||
  fail "the line is in Loki, but the agent of this release on node $NODE_NAME has sent nothing within $TIMEOUT s: an agent of another release sent the line"
echo "All of it is there."
