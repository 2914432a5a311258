# Finds a JDK that is recent enough; sourced by the scripts that start Java. They define fail MESSAGE...

need=25 # the oldest Java that runs us

# is_recent DIRECTORY: whether a JDK of our age lives there. Its release file says so without starting a JVM.
is_recent() {
    [ -x "$1/bin/java" ] || return 1
    version=
    if [ -r "$1/release" ]; then
        while IFS='="' read -r key _ value _; do
            [ "$key" = JAVA_VERSION ] && version=$value
        done <"$1/release"
    else
        version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p')
    fi
    version=${version%%[!0-9]*}
    [ "${version:-0}" -ge "$need" ]
}

# The first JDK that will do: the one asked for, the one in use, then the usual folders.
find_jdk() {
    jdk=${JAVA_HOME:-}
    [ -n "$jdk" ] && is_recent "$jdk" && return
    java=$(command -v java) && java=$(readlink -f "$java") && jdk=${java%/bin/java} && is_recent "$jdk" && return
    for jdk in /usr/lib/jvm/* /opt/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        is_recent "$jdk" && return
    done
    fail "no JDK $need or later in JAVA_HOME, in PATH or in the usual folders. Get one from your system's packages" \
        "(openjdk-$need-jdk or temurin-$need-jdk), with 'sdk install java', or from https://adoptium.net;" \
        "if it is installed elsewhere, set JAVA_HOME to it."
}
