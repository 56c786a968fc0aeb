# The image that predicts and profiles:
#
#   docker build -t tfopt .
#   docker run --rm -it tfopt python
#   docker run --rm --cpus=1 --memory=4G -v $(pwd)/results:/results tfopt python /src/profile.py
#
# TENSORFLOW chooses another TensorFlow: a requirement, or a wheel put into wheels/ beside this file:
#
#   docker build -t tfopt --build-arg TENSORFLOW=wheels/tensorflow_cpu-2.21.0-cp311-….whl .
#
# tfopt-native alone, a few MB without Python and TensorFlow:
#
#   docker build -t tfopt-native --target native .
#   docker run --rm -v $(pwd):/models:ro tfopt-native predict /models/g2p_en-2.1.0.tfopt aardvark
#
# Plain Dockerfile syntax throughout, so that the classic builder, BuildKit and Podman all take it.
ARG BASE=python:3.11-slim-bookworm

# What builds the program and the custom ops, outside the environment that the image gets. Any compiler of the
# base will do.
FROM ${BASE} AS compilers
# Tells the stages, which the classic builder leaves as images without a name, from other such images.
LABEL tfopt.stage=build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ \
 && rm -rf /var/lib/apt/lists/* \
 && python -m venv /opt/tools \
 && /opt/tools/bin/pip install --quiet cmake ninja

# Before the stages with TensorFlow, since the classic builder makes all that stand before its target.
FROM compilers AS native-builder
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends libcli11-dev libutf8proc-dev \
 && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt CMakePresets.json ./
COPY custom_ops custom_ops
COPY model/tfopt/__init__.py model/tfopt/
RUN PATH=/opt/tools/bin:$PATH \
 && cmake --preset program \
 && cmake --build build/release --target tfopt-native

FROM scratch AS native
COPY --from=native-builder /build/build/release/tfopt-native /
USER 65534:65534
ENTRYPOINT ["/tfopt-native"]

FROM compilers AS builder
ARG TENSORFLOW=tensorflow-cpu==2.21.*
ENV TF_CPP_MIN_LOG_LEVEL=2
# TensorFlow has a layer of its own, which a change of the sources leaves in the cache. The pattern
# wheel[s] lets the folder be missing, as LICENSE is there.
COPY tools/tensorflow_requirements.sh tools/
COPY LICENSE wheel[s] wheels/
RUN tools/tensorflow_requirements.sh "$TENSORFLOW" >tensorflow.txt \
 && python -m venv /opt/venv \
 && /opt/venv/bin/pip install --quiet -r tensorflow.txt
# A layer of their own for the ops too: only a change of the C++ sources compiles them.
COPY CMakeLists.txt CMakePresets.json ./
COPY tools/build_folder.sh tools/build_ops.sh tools/
COPY custom_ops custom_ops
RUN mkdir -p model/tfopt && PATH=/opt/tools/bin:$PATH tools/build_ops.sh /opt/venv/bin/python
COPY pyproject.toml hatch_build.py LICENSE README.md ./
COPY model model
# The headers go: only compiling against TensorFlow needs them. Any user may read the rest: chmod touches what it
# has to alone, as a touched file is stored in this layer once more.
RUN /opt/venv/bin/pip install --quiet -r tensorflow.txt '.[audio,profile,report]' \
 && /opt/venv/bin/pip check \
 && /opt/venv/bin/tfopt download --all \
 && rm -rf /opt/venv/lib/python3*/site-packages/tensorflow/include \
 && find /opt/venv ! -type l '(' ! -perm -444 -o '(' -type d -o -perm /111 ')' ! -perm -111 ')' \
    -exec chmod a+rX {} +

FROM ${BASE}
# /results is where a folder of the host is mounted; without one the user can write it all the same.
RUN useradd --uid 1000 --user-group --no-create-home --home-dir /tmp tfopt \
 && install -d -o tfopt -g tfopt /results
COPY image/entrypoint.sh /usr/local/bin/tfopt-entrypoint
COPY profile.py /src/profile.py
# As readable here whatever the umask was under which the sources were checked out.
RUN chmod 755 /usr/local/bin/tfopt-entrypoint && chmod -R a+rX /src
# After the small layers: where an engine copies the whole image for each layer, this one counts once.
COPY --from=builder /opt/venv /opt/venv
# For any --user, one without a name or a home too, and for --read-only --tmpfs /tmp.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    USER=tfopt \
    MPLCONFIGDIR=/tmp/matplotlib \
    TFOPT_RESULTS=/results \
    TF_CPP_MIN_LOG_LEVEL=2
WORKDIR /results
# No USER here: the entrypoint starts as root to learn whose folder is mounted, and drops to that user.
ENTRYPOINT ["tfopt-entrypoint"]
CMD ["python"]
